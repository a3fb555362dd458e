"""Everything that a user of the styles can cause to go wrong, in English and in Chinese."""

from __future__ import annotations

from typing import ClassVar, Literal

Language = Literal["en", "zh"]


class StyleError(Exception):
    """Base of this package's errors; a subclass holds its sentences as templates, an instance fills them in.

    Each sentence gives the value, what was expected and the remedy. `str(error)` is the English one.
    `usage` is True where the call itself was wrong (exit code 2), False where the work failed (1).
    """

    en: ClassVar[str] = "{detail}"
    zh: ClassVar[str] = "{detail}"
    usage: ClassVar[bool] = False

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.sentence("en"))

    @property
    def type(self) -> str:
        """The error's name as it appears in JSON."""
        return type(self).__name__

    def sentence(self, language: Language = "en") -> str:
        """Return the sentence in `language`."""
        return (self.zh if language == "zh" else self.en).format(**self.values)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        """Pickle by the values, so that an error crosses a process boundary unharmed."""
        return _rebuild, (type(self), self.values)


def _rebuild(kind: type[StyleError], values: dict[str, object]) -> StyleError:
    return kind(**values)


class CardError(StyleError):
    """A card.json does not hold together."""

    en = "{file}, field {field}: {why}; correct the card."
    zh = "{file} 的字段 {field}：{why}；请修正卡片。"


class DataFileError(StyleError):
    """A data file of the package (glossary, queries, descriptor) does not hold together."""

    en = "{file}, key {key}: {why}; correct the file."
    zh = "{file} 的键 {key}：{why}；请修正该文件。"


class PictureError(StyleError):
    """A picture could not be read."""

    en = "{name} cannot be used as a picture ({why}); give a JPEG, PNG or WebP file."
    zh = "{name} 无法作为图片读取（{why}）；请提供 JPEG、PNG 或 WebP 文件。"


class TooManyPixels(PictureError):
    """A picture is so large that to unpack it could exhaust the memory."""

    en = "{name} has more than {limit} million pixels; make it smaller and give it again."
    zh = "{name} 超过 {limit}00 万像素；请缩小后重新提供。"


class Unreadable(PictureError):
    """A picture could not be read, in the words of the decoder that was handed in."""

    en = "{said}"
    zh = "{said_zh}"


class NoPictures(StyleError):
    """A place was named that holds no picture."""

    en = "There is no picture at {path}; name a picture, or a folder that holds some."
    zh = "{path} 处没有图片；请指定图片或含有图片的文件夹。"
    usage = True


class TooManyPictures(StyleError):
    """More pictures were given than are taken at once."""

    en = "{count} pictures were given; {what} takes {least} to {most}. Choose the most typical ones."
    zh = "共提供了 {count} 张图片；{what}需要 {least} 至 {most} 张。请挑选最有代表性的图片。"
    usage = True


class TooFewPictures(TooManyPictures):
    """Fewer pictures were given than are needed."""

    en = "{count} pictures were given; {what} takes {least} to {most}. Add more."
    zh = "共提供了 {count} 张图片；{what}需要 {least} 至 {most} 张。请再添加一些。"


class EmptyQuery(StyleError):
    """A search was asked for that says nothing to look for."""

    en = "The query is empty; give words, a picture, a colour, a brand or a style to look for."
    zh = "查询为空；请输入文字、图片、颜色、品牌或参考风格。"
    usage = True


class UnknownStyle(StyleError):
    """A style was named that does not exist."""

    en = "There is no style {id!r} any more, or there never was; search for another."
    zh = "没有名为“{id}”的风格，它可能已被删除；请查找其他风格。"


class MistypedStyle(UnknownStyle):
    """A style was named that does not exist, though one of a like name does."""

    en = "There is no style {id!r}; did you mean {near!r}?"
    zh = "没有名为“{id}”的风格；您要找的是“{near}”吗？"


class UnknownBrand(StyleError):
    """A brand was named that does not exist."""

    en = "There is no brand {name!r}; known are: {known}."
    zh = "没有名为 {name!r} 的品牌；已有：{known}。"


class ReadOnlyStyle(StyleError):
    """A style of the library was to be changed."""

    en = "{id!r} belongs to the library and cannot be changed; add a style of your own instead."
    zh = "{id!r} 属于内置风格库，无法修改；请添加自己的风格。"


class BadName(StyleError):
    """A name is empty, too long, or made of nothing that can be shown."""

    en = "{name!r} cannot be a name; use 1 to {limit} characters with at least one letter or digit."
    zh = "{name!r} 不能用作名称；请使用 1 至 {limit} 个字符，且至少含一个文字或数字。"
    usage = True


class NameTaken(StyleError):
    """A brand of that name exists."""

    en = "There is a brand {name!r} already; choose another name, or replace it on purpose."
    zh = "品牌 {name!r} 已存在；请换一个名称，或明确选择覆盖。"


class BadColour(StyleError):
    """A colour was given that cannot be read."""

    en = "{value!r} is no colour; write it as #RRGGBB, for example #E8D5B7."
    zh = "{value!r} 不是颜色；请写成 #RRGGBB，例如 #E8D5B7。"
    usage = True


class BadValue(StyleError):
    """A setting of the query is out of its range."""

    en = "{name} is {value!r}; expected {expected}."
    zh = "{name} 的值为 {value!r}；应为 {expected}。"
    usage = True


class NearDuplicate(StyleError):
    """A picture to be added looks like a style that is there already."""

    en = "{name!r} looks the same as {id!r} (likeness {likeness:.3f}); use that style, or add it on purpose."
    zh = "{name!r} 与 {id!r} 几乎相同（相似度 {likeness:.3f}）；请直接使用该风格，或明确选择仍要添加。"


class DiskFull(StyleError):
    """There is no room to write."""

    en = "There is no room left in {folder}; nothing was changed. Free some space and try again."
    zh = "{folder} 空间不足；没有做任何更改。请释放空间后重试。"


class StoreError(StyleError):
    """The data folder or its database cannot be used."""

    en = "The data folder {folder} cannot be used ({why}); check its permissions, or set VITRINE_DATA."
    zh = "无法使用数据文件夹 {folder}（{why}）；请检查权限，或将 VITRINE_DATA 设为其他文件夹。"


class BadArchive(StyleError):
    """A zip file is not one of ours, or is made to do harm."""

    en = "{name} cannot be imported ({why}); use a zip file of exported styles. Nothing was changed."
    zh = "无法导入 {name}（{why}）；请使用导出风格时得到的 zip 文件。没有做任何更改。"


class NothingToExport(StyleError):
    """There is no style of the merchant's own to write."""

    en = "There are no styles of your own to export yet; add one first, or name the styles to write."
    zh = "还没有可导出的自有风格；请先添加，或指定要导出的风格。"


class CannotWrite(StyleError):
    """A file that was asked for cannot be written."""

    en = "{path} cannot be written ({why}); choose another place."
    zh = "无法写入 {path}（{why}）；请选择其他位置。"


class EncoderUnavailable(StyleError):
    """The encoder that was asked for cannot be had."""

    en = "The encoder {name!r} cannot be used ({why}); the encoder 'descriptor' needs no weights."
    zh = "无法使用编码器 {name!r}（{why}）；编码器 descriptor 无需权重，可改用它。"
