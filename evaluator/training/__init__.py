"""Training and measuring of the judge itself; the app never imports it."""
