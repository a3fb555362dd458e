"""The embedded network: what it is, its weights, and how a picture is shown to it."""
