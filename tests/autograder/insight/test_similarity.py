"""Copies are found whatever was done to hide them; independent work is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from autograder.insight.similarity import code, passages, prose
from autograder.insight.similarity.handin import Own, Released, own_cells, released
from autograder.insight.similarity.report import Hint, Thresholds, report
from crmkit.settings import settings
from tests.autograder.insight import authors
from tests.autograder.notebooks import release

Change = Callable[[Mapping[str, str]], authors.Work]


def everything(work: Mapping[str, str]) -> authors.Work:
    return authors.reordered(authors.reformatted(authors.renamed(work)))


@pytest.fixture(scope="module")
def given() -> Released:
    return released(release("E3"))


def hints(works: Mapping[str, Mapping[str, str]], given: Released) -> list[Hint]:
    limits = settings()["insight"]
    thresholds = Thresholds(
        limits["code_share"], limits["code_evidence"], limits["text_share"], limits["text_evidence"]
    )
    own = {s: own_cells(authors.notebook(w), given) for s, w in works.items()}
    return report(own, given, [], thresholds)


def without_text(work: Mapping[str, str]) -> authors.Work:
    return {c: t for c, t in work.items() if c != "E3-12"}


def test_independent_solutions_of_one_lab_are_not_flagged(given: Released) -> None:
    assert hints(authors.AUTHORS, given) == []


@pytest.mark.parametrize(
    "change", [dict, authors.renamed, authors.reformatted, authors.reordered, everything]
)
@pytest.mark.parametrize("victim", list(authors.AUTHORS))
def test_a_changed_copy_is_found_and_nobody_else(
    given: Released, change: Change, victim: str
) -> None:
    copy = change(without_text(authors.AUTHORS[victim]))
    (found,) = hints({**authors.AUTHORS, "抄": copy}, given)
    assert {found.a, found.b} == {victim, "抄"}
    assert found.code is not None and found.code > 0.9
    assert found.text is None


def test_renaming_changes_the_text_and_not_the_tokens() -> None:
    for work in authors.AUTHORS.values():
        for cell, changed in without_text(authors.renamed(work)).items():
            assert [t.text for t in code.tokens("", changed)] == [
                t.text for t in code.tokens("", work[cell])
            ]
    assert authors.renamed(authors.AN)["E3-10-work"] != authors.AN["E3-10-work"]


def test_half_a_copy_is_found_and_its_passages_are_the_copied_cells(given: Released) -> None:
    mixed = {**without_text(authors.BO), "E3-08-work": authors.CUI["E3-08-work"],
             "E3-09-work": authors.CUI["E3-09-work"], "E3-10-work": authors.CUI["E3-10-work"],
             "E3-02-work": authors.CUI["E3-02-work"]}  # fmt: skip
    works = {k: v for k, v in authors.AUTHORS.items() if k != "薄"}
    (found,) = hints({**works, "抄": authors.renamed(mixed)}, given)
    assert {found.a, found.b} == {"崔", "抄"}
    cells = {p.a.cell for p in found.passages}
    assert cells == {"E3-02-work", "E3-08-work", "E3-09-work", "E3-10-work"}
    assert all(p.a.cell == p.b.cell for p in found.passages)
    longest = found.passages[0]
    assert longest.a.text.splitlines()[0] in authors.CUI[longest.a.cell]
    assert 0.5 < found.verbatim < 1


def test_a_copied_answer_in_words_is_found_when_rephrased_in_part(given: Released) -> None:
    text = (
        authors.AN["E3-12"].replace("半年没有来", "很久没下单").replace("，", "、")
        + "\n以上是我的建议。"
    )
    works = {**authors.AUTHORS, "抄": {"E3-12": text}}
    (found,) = hints(works, given)
    assert {found.a, found.b} == {"安", "抄"}
    assert found.text is not None and found.code is None
    assert {p.kind for p in found.passages} == {"text"}


def test_what_was_handed_out_and_what_all_write_is_no_evidence(given: Released) -> None:
    nb = release("E3")
    assert own_cells(nb, given) == Own({}, {})
    same = {f"s{n}": without_text(authors.AN) for n in range(60)}
    assert hints(same, given) == []  # the usual solution, by everybody: nothing to tell apart


def test_a_ring_of_copies_in_a_class_does_not_hide_by_its_size(given: Released) -> None:
    ring = {f"抄{n}": everything(authors.CUI) for n in range(5)}
    found = hints({**authors.AUTHORS, **ring}, given)
    assert {h.a for h in found} | {h.b for h in found} == {"崔", *ring}
    assert len(found) == 15


def test_a_comment_that_only_two_have_is_named(given: Released) -> None:
    marked = {**authors.CUI, "E3-02-work": authors.CUI["E3-02-work"] + "\n# 王老师说这里要小心"}
    works = {**authors.AUTHORS, "崔": marked, "抄": marked}
    (found,) = hints(works, given)
    assert found.comments == ("王老师说这里要小心",)


def test_unfinished_code_is_compared_too(given: Released) -> None:
    broken = {c: t + "\nprint((" for c, t in without_text(authors.DENG).items()}
    (found,) = hints({**authors.AUTHORS, "邓": broken, "抄": broken}, given)
    assert {found.a, found.b} == {"邓", "抄"}


def test_quotes_layout_and_trailing_commas_are_the_same_tokens() -> None:
    a = 'df.agg(["sum", "mean"],  # 注释\n   axis = 1,\n)'
    b = "data.agg(['sum','mean'],axis=1)"
    assert [t.text for t in code.tokens("", a)] == [t.text for t in code.tokens("", b)]
    assert code.tokens("", "%matplotlib inline\n!ls") == ()


def test_every_common_run_of_the_promised_length_has_a_common_fingerprint() -> None:
    for grain in (code.GRAIN, prose.GRAIN):
        run = [passages.Token(f"r{n}", "", "", 1) for n in range(grain.sure)]
        for k in range(6):
            one = [passages.Token(f"a{k}{n}", "", "", 1) for n in range(7 + k)]
            two = [passages.Token(f"b{k}{n}", "", "", 1) for n in range(11 - k)]
            a = passages.Document("a", (tuple(one + run + two),))
            b = passages.Document("b", (tuple(two[::-1] + run + one[::-1]),))
            prints = [passages.fingerprints(d, frozenset(), grain) for d in (a, b)]
            assert prints[0] & prints[1]
            (tile,) = passages.passages(a, b, frozenset(), grain)
            assert tile.length == grain.sure
