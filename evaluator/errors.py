"""Everything that a user can cause to go wrong, each with a sentence in English and in Chinese."""

from __future__ import annotations

from typing import ClassVar, Literal

Language = Literal["en", "zh"]


class EvaluatorError(Exception):
    """Base of this package's errors; a subclass holds its sentences as templates, an instance fills them in.

    Each sentence gives the value, what was expected and the remedy. `str(error)` is the English one.
    """

    en: ClassVar[str] = "{detail}"
    zh: ClassVar[str] = "{detail}"

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


def _rebuild(kind: type[EvaluatorError], values: dict[str, object]) -> EvaluatorError:
    return kind(**values)


class DecodeError(EvaluatorError):
    """A picture could not be read."""


class FileMissing(DecodeError):
    """The path leads nowhere."""

    en = "There is no file at {path}; check the path and try again."
    zh = "路径 {path} 处没有文件；请检查路径后重试。"


class FileUnreadable(DecodeError):
    """The file exists but the system will not let it be read."""

    en = "The file {path} cannot be read ({why}); check that it is a file and its permissions."
    zh = "无法读取文件 {path}（{why}）；请确认它是文件并检查权限。"


class NotAnImage(DecodeError):
    """The bytes are no picture of a known format."""

    en = "{name} is not a picture that can be read ({found}); use {formats}."
    zh = "{name} 不是可读取的图片（{found}）；请使用 {formats}。"


class Truncated(DecodeError):
    """The picture begins well and then breaks off or is damaged."""

    en = "{name} is damaged or incomplete ({why}); export or upload it again."
    zh = "{name} 已损坏或不完整（{why}）；请重新导出或上传。"


class TooManyPixels(DecodeError):
    """The header promises more pixels than is allowed; nothing was decoded."""

    en = "{name} is {width} × {height} = {megapixels:.1f} megapixels, over the limit of {limit}; make it smaller."
    zh = "{name} 为 {width} × {height} = {megapixels:.1f} 百万像素，超过上限 {limit}；请缩小后重试。"


class TooManyBytes(DecodeError):
    """The file is larger than is allowed; nothing was read."""

    en = "{name} is {megabytes:.1f} MB, over the limit of {limit} MB; compress it or make it smaller."
    zh = "{name} 大小为 {megabytes:.1f} MB，超过上限 {limit} MB；请压缩或缩小后重试。"


class TooSmall(DecodeError):
    """A side is too short to judge."""

    en = "{name} is {width} × {height} pixels; each side needs at least {minimum}. Use a larger original."
    zh = "{name} 为 {width} × {height} 像素；每边至少需要 {minimum} 像素。请使用更大的原图。"


class ExtremeAspect(DecodeError):
    """The picture is a strip."""

    en = "{name} is {width} × {height}, a ratio of {ratio:.1f} to 1; at most {limit} to 1 can be judged. Crop it."
    zh = "{name} 为 {width} × {height}，长宽比 {ratio:.1f}:1；最多支持 {limit}:1。请先裁剪。"


class BadArray(DecodeError):
    """An array was handed in that is no picture."""

    en = "An array of shape {shape} and type {dtype} is no picture; pass uint8, height × width × 3 (RGB) or 4 (RGBA)."
    zh = "形状为 {shape}、类型为 {dtype} 的数组不是图片；请传入 uint8、高 × 宽 × 3（RGB）或 4（RGBA）。"


class FileUnwritable(EvaluatorError):
    """The results cannot be written where they were to go."""

    en = "The file {path} cannot be written ({why}); name a file in a folder that exists and is yours to write in."
    zh = "无法写入文件 {path}（{why}）；请指定一个位于已有且可写文件夹中的文件。"


class StandardError(EvaluatorError):
    """A data file of the standard does not hold together."""

    en = "{file}, key {key}: {why}; {remedy}"
    zh = "{file} 的键 {key}：{why}；{remedy}"


class UnknownProfile(EvaluatorError):
    """A marketplace profile was named that the standard does not have."""

    en = "There is no profile {name!r}; the profiles are {known}."
    zh = "没有名为 {name!r} 的渠道规则；可用：{known}。"


class SettingsError(EvaluatorError):
    """A setting has a value that cannot be used."""

    en = "The setting {name} is {value!r}; {expected}."
    zh = "设置 {name} 的值为 {value!r}；{expected}。"


class Internal(EvaluatorError):
    """Something unforeseen happened to one picture; the run goes on."""

    en = "{name} could not be judged because of an internal fault ({why}); please report it."
    zh = "{name} 因内部故障未能评估（{why}）；请反馈给我们。"


class ProcessLost(EvaluatorError):
    """A process that judged pictures ended before its work did."""

    en = (
        "One of {processes} processes ended by itself, most likely for want of memory; ask for fewer, or for threads. "
        "A script must ask for processes under if __name__ == '__main__'."
    )
    zh = "{processes} 个进程中有一个自行退出，很可能是内存不足；请减少进程数，或改用线程。脚本须在 if __name__ == '__main__' 之下请求多进程。"


class ExpertUnknown(EvaluatorError):
    """A pretrained model was named that cannot be made out."""

    en = "The model {name!r} is unknown ({why}); write MODEL:PRETRAINED, ORGANISATION/REPOSITORY, or a folder's path."
    zh = "未知的模型 {name!r}（{why}）；请写成 模型名:预训练标签、组织名/仓库名，或文件夹路径。"


class ExpertMissing(EvaluatorError):
    """A pretrained model's weights are not on this machine and cannot be fetched."""

    en = "The weights of {name} are not here ({why}); go online once so that they are kept, or name a file or folder."
    zh = "本机没有 {name} 的权重（{why}）；请联网一次以便下载并缓存，或指定权重文件或文件夹。"


class ExpertBroken(EvaluatorError):
    """A pretrained model's weights are here but do not fit or are damaged."""

    en = "The weights at {path} do not load as {name} ({why}); check that they belong to it, or fetch them again."
    zh = "{path} 处的权重无法作为 {name} 载入（{why}）；请确认两者匹配，或重新下载。"


class HeadBroken(EvaluatorError):
    """An aesthetic head is not there, is no head, or was made for another model."""

    en = "The aesthetic head {path} cannot be used ({why}); give one of LAION's made for embeddings of {size}."
    zh = "无法使用美学评分头 {path}（{why}）；请提供适用于 {size} 维嵌入的 LAION 评分头。"
