"""Pretrained models that a user may switch on beside the embedded network; none is loaded unless asked for."""
