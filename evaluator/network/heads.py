"""What the network answers: the names of its heads, in the order of their outputs."""

ATTRIBUTES = ("fusion", "hand", "face", "body", "artefact")
"""Attributes with a map, in the order of the maps."""
PARTS = ("person", "face", "hand")
"""What is located, in the order of the maps of parts."""
LIMBS = ("hand", "face")
"""Parts that are looked at from nearby; the attributes of their faults have the same names."""
NEARBY = (*LIMBS, "fusion")
"""What is asked from nearby, in the order of the heads: of a hand, of a face, and of a piece of the subject's rim."""
PRESENCE = ("person", "face", "hand", "plain_backdrop", "flat_lay", "scene")
"""What may be seen in a picture, in the order of the head."""
CRITERIA = (
    "completeness", "shape_fidelity", "body_plausibility", "hand_face_integrity", "scene_fit", "subject_fusion",
    "grounding", "scale", "background_order", "prominence", "frame_fill", "balance", "overlay_freedom", "exposure",
    "light_coherence", "colour_harmony", "sharpness", "artefact_cleanliness", "material_realism",
)  # fmt: skip
"""The criteria of the standard, in the order of the head."""
RATINGS = ("technical", "appeal")
"""What people were asked of a picture: its quality as a photograph, and how it pleases."""
LIKED = ("appeal", "pleasing")
"""What the taste says: how people like a picture as a thumbnail, and as one that a generator made."""
BESIDE = ("changed", "wrong")
"""What is asked of an original and a generated picture: whether the product was changed, and the background wrong."""
GENERATED = ("shape_fidelity", "material_realism")
"""Criteria that marks of generation all over a picture are about."""
