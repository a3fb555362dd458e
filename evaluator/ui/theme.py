"""The look of the page: a quiet gallery, ink on paper, in fonts that Gradio serves or the system has."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from gradio.themes.utils import colors, sizes
from gradio.themes.utils.fonts import LocalFont

CSS_FILE = Path(__file__).with_name("page.css")

INK = colors.Color(
    name="ink", c50="#faf9f6", c100="#f3f1ec", c200="#e6e3dc", c300="#d2cec4", c400="#a8a398", c500="#7b766c",
    c600="#5a564e", c700="#403d37", c800="#2a2824", c900="#1d1b18", c950="#141311",
)  # fmt: skip
SEAL = colors.Color(
    name="seal", c50="#fbf3f0", c100="#f6e3dd", c200="#ecc6bb", c300="#dfa292", c400="#cd7862",
    c500="#b4533b", c600="#9c412c", c700="#823524", c800="#6a2c20", c900="#57271d", c950="#30130d",
)  # fmt: skip


def theme() -> gr.themes.Base:
    """Return the page's theme."""
    chinese = ("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "system-ui", "sans-serif")
    return gr.themes.Base(
        primary_hue=SEAL,
        secondary_hue=INK,
        neutral_hue=INK,
        radius_size=sizes.radius_sm,
        text_size=sizes.text_md,
        font=(LocalFont("IBM Plex Sans", weights=(400, 600)), *chinese),
        font_mono=("ui-monospace", "SFMono-Regular", "Consolas", "monospace"),
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        body_text_color="*neutral_900",
        body_text_color_dark="*neutral_100",
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="*neutral_900",
        background_fill_secondary="*neutral_100",
        background_fill_secondary_dark="*neutral_950",
        block_background_fill="*background_fill_primary",
        block_background_fill_dark="*background_fill_primary",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_800",
        border_color_primary="*neutral_200",
        border_color_primary_dark="*neutral_800",
        block_shadow="none",
        block_shadow_dark="none",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_label_text_color="*neutral_500",
        block_label_text_color_dark="*neutral_400",
        block_title_text_color="*neutral_600",
        block_title_text_color_dark="*neutral_300",
        block_title_text_weight="600",
        button_secondary_background_fill="transparent",
        button_secondary_background_fill_dark="transparent",
        button_secondary_background_fill_hover="*neutral_100",
        button_secondary_background_fill_hover_dark="*neutral_800",
        button_secondary_border_color="*neutral_300",
        button_secondary_border_color_dark="*neutral_700",
        button_border_width="1px",
        input_background_fill="#ffffff",
        input_background_fill_dark="*neutral_900",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_700",
        color_accent="*primary_500",
    )
