"""The studio: recipes, procedural sets, and the renderer that makes the style library. Never imported by the app."""
