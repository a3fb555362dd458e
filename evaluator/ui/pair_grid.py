"""The HTML of many candidates: how far it is, the good-image rate and its meaning, the candidates in their order."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from evaluator.pair.report import good_rate
from evaluator.pair.types import PairReport
from evaluator.types import Failure, Verdict
from evaluator.ui import cards
from evaluator.ui.pair_cards import REASON_LEVELS, figure, said, verdict_name
from evaluator.ui.voice import Voice

VERDICTS: tuple[Verdict | None, ...] = ("good", "review", "reject", None)


def empty(voice: Voice) -> str:
    """Return what the pane says before there are candidates."""
    return cards.empty(voice, "pair.rank_empty_")


def summary(reports: Sequence[PairReport], done: int, total: int, running: bool, voice: Voice) -> str:
    """Return the progress, and the good-image rate of those that were compared so far."""
    key = "rank_running" if running else "rank_done" if done == total else "rank_stopped"
    bar = (
        f'<div class="p-progress{" p-running" if running else ""}" role="progressbar" aria-valuemin="0" '
        f'aria-valuemax="{total}" aria-valuenow="{done}"><p>{voice.say(f"pair.{key}", done=done, total=total)}</p>'
        f'<span class="v-meter"><i style="width:{100 * done / max(1, total):.0f}%"></i></span></div>'
    )
    rate = good_rate(reports)
    if rate is None:
        return bar
    verdicts = [report.verdict for report in reports]
    counts = [(verdict, verdicts.count(verdict)) for verdict in VERDICTS]
    parts = "".join(f'<i class="v-{verdict or "none"}" style="flex:{count}"></i>' for verdict, count in counts if count)
    legend = "".join(
        f'<span class="v-{verdict or "none"}"><b>{count}</b> '
        f"{voice.say(f'verdict.{verdict}' if verdict else 'pair.no_verdict')}</span>"
        for verdict, count in counts
        if count
    )
    good = voice.say("pair.rank_good", good=verdicts.count("good"), count=len(verdicts))
    return (
        f'{bar}<section class="v-score p-rate"><div><h3>{voice.say("pair.rate")}</h3>'
        f'<p class="v-number"><span>{100 * rate:.0f}</span><small>%</small></p></div>'
        f'<div><p class="v-sentence">{good}</p><p class="v-meta">{voice.say("pair.rate_means")}</p>'
        f'<p class="p-split" aria-hidden="true">{parts}</p><p class="p-legend">{legend}</p></div></section>'
    )


def grid(candidates: Sequence[tuple[PairReport, str]], failures: Sequence[Failure], voice: Voice) -> str:
    """Return the candidates, best first, each a report and a small picture; those that could not be read last."""
    items = [_card(at, report, thumb, voice) for at, (report, thumb) in enumerate(candidates)]
    items += [
        f'<li class="p-card p-failed"><div class="p-blank" aria-hidden="true">×</div>'
        f'<p class="p-name">{escape(failure.path)}</p>'
        f"<p>{escape(failure.message_zh if voice.language == 'zh' else failure.message)}</p></li>"
        for failure in failures
    ]
    return f'<ol class="p-grid">{"".join(items)}</ol>' if items else ""


def _card(at: int, report: PairReport, thumb: str, voice: Voice) -> str:
    why = _main(report, voice)
    look = escape(voice.say("pair.rank_closer", name=report.generated), quote=True)
    return (
        f'<li class="p-card v-{report.verdict or "none"}"><button data-candidate="{at}" title="{look}" '
        f'aria-label="{look}"><img src="{thumb}" alt=""></button><p class="p-head"><b>{at + 1}</b>'
        f'<span class="v-verdict">{verdict_name(report, voice)}</span></p>'
        f'<p class="p-name">{escape(report.generated)}</p><dl>'
        f"<div><dt>{voice.say('pair.product')}</dt><dd>{figure(report.consistency.score)}</dd></div>"
        f"<div><dt>{voice.say('pair.background')}</dt><dd>{figure(report.background.score)}</dd></div></dl>"
        f"<p>{escape(why)}</p></li>"
    )


def _main(report: PairReport, voice: Voice) -> str:
    """Return the reason that tells most: the first fault that says what it is, else the first fault, else the first."""
    faults = [reason for reason in report.reasons if REASON_LEVELS.get(reason.id, "weak") in ("weak", "fair")]
    telling = [reason for reason in faults if reason.id != "changed"]
    product = telling if report.consistency.state == "changed" else faults
    best = (product or faults or list(report.reasons))[:1]
    return said(best[0], voice) if best else ""
