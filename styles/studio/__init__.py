"""The studio: recipes, a kit of procedural sets, and the renderer that makes the style library. Never imported by the app."""
