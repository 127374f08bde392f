"""Every careless reading of redaction and card is noticed by the test that is there for it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from assentry.review import (
    across,
    checks,
    detectors,
    drawing,
    flags,
    layers,
    marks,
    plan,
    read,
    redaction,
    rows,
    sieve,
    spans,
    telling,
    text,
    visible,
)
from tests.approvals.mutation import Edit, applied
from tests.review import (
    test_canaries,
    test_card,
    test_detectors,
    test_draw,
    test_layers,
    test_redaction,
    test_text,
    test_visible,
)
from tests.review import test_read as test_reading
from tests.support.canaries import canaries

KEY = next(each for each in canaries(Random(1)) if each.kind == "AWS access key")
MAIL = next(each for each in canaries(Random(1)) if each.kind == "e-mail address")

MUTANTS: dict[str, tuple[Edit, Callable[[], object]]] = {
    # ---- redaction ----
    "a class that the viewer may not see is shown": (
        Edit(plan.Planner._whole, "cls is None or", "True or"), test_redaction.test_a_secret_is_shown_to_nobody),
    "a viewer may see secrets": (
        Edit(plan.Planner._whole, "cls in self.sieve.viewer.classes", 'cls in {*self.sieve.viewer.classes, "secret"}'),
        test_redaction.test_a_secret_is_shown_to_nobody),
    "what a rule redacts is shown": (
        Edit(plan.Planner._whole, "within(path, self.redact)", "False"),
        test_redaction.test_what_the_rules_redact_is_hidden_with_all_below_it),
    "names of members tell nothing": (
        Edit(plan.Planner._members, "key in secret", "False"),
        test_redaction.test_under_a_telling_name_everything_goes_but_switches),
    "a telling name is read as it is spelt": (
        Edit(telling.is_telling, "project(name).decode(\"latin-1\")", "name"),
        lambda: test_redaction.test_telling_names("pass\u200bword")),
    "names of members are not looked at": (
        Edit(redaction.Redactor._named, "isinstance(name, str)", "True"),
        test_redaction.test_names_of_members_are_looked_at_too),
    "numbers are no cards": (
        Edit(plan.Planner._number, "len(digits) >= 12", "False"), test_redaction.test_numbers_may_be_those_of_a_card),
    "each string of a list stands for itself": (
        Edit(across.Across.found, "found.setdefault(first + number, []).append(span)", "pass"),
        test_redaction.test_a_list_is_read_on_from_string_to_string),
    "a hidden value is shown elsewhere": (
        Edit(redaction.Redactor.document, "Needles(self._sieve.labels)", "Needles(())"),
        test_redaction.test_a_hidden_value_is_hidden_wherever_else_it_stands),
    "what is in a hidden value is not looked into": (
        Edit(sieve.Sieve.gather, "self.spans(value)", "None"),
        test_redaction.test_the_password_of_a_hidden_url_is_hidden_on_its_own),
    "lines of hidden texts are shown elsewhere": (
        Edit(sieve.Sieve.gather, "{value, *value.splitlines()}", "{value}"),
        test_redaction.test_parts_and_lines_of_hidden_values_are_looked_for),
    "every short word of a hidden value is hidden everywhere": (
        Edit(sieve.Sieve._remember, "or is_placeholder(value)", ""),
        test_redaction.test_short_and_common_values_are_not_looked_for),
    "who asks is hidden as personal": (
        Edit(plan.Planner._is_known, "value in self.sieve.known", "False"),
        test_redaction.test_who_asks_is_shown_since_the_card_says_it_anyway),
    "values of an enumeration are hidden with somebody's name": (
        Edit(redaction.Redactor._written, "part.settled and", "False and"),
        test_redaction.test_words_that_everybody_knows_stay),
    "what JSON does not have is shown": (
        Edit(plan.Planner._scalar, "float() if math.isfinite(value)", "float()"),
        test_redaction.test_what_json_does_not_have_is_hidden),
    "there is no limit to depth": (
        Edit(plan.Planner._plan, "or len(path) > MAX_DEPTH", ""),
        test_redaction.test_too_deep_and_too_much_is_hidden_and_said),
    "the order of members numbers the marks": (
        Edit(plan.Planner._members, "sorted(value.items(), key=lambda member: str(member[0]))", "value.items()"),
        test_redaction.test_the_order_of_members_does_not_matter),
    # ---- marks ----
    "one and true have one mark": (
        Edit(marks._key, "json.dumps(_plain(value), sort_keys=True, default=repr)", "str(_plain(value)).lower()"),
        test_redaction.test_marks_tell_values_of_different_types_apart),
    "another label is another mark": (
        Edit(marks.Marks.of, "key = _key(value)", "key = label + _key(value)"),
        test_redaction.test_equal_values_have_equal_marks_whatever_hides_them),
    "marks can be forged": (
        Edit(visible._is_odd, "or char in (MARK_OPEN, MARK_CLOSE)", ""), test_redaction.test_nobody_forges_a_mark),
    # ---- detectors and layers ----
    "an exhausted set finds nothing": (
        Edit(detectors._scan_layer, "if 0 in hits else range(len(DETECTORS))", "if True else ()"),
        lambda: test_detectors.test_a_set_without_memory_finds_the_same(pytest.MonkeyPatch())),
    "checks are not asked": (
        Edit(detectors._meant, "detector.check is None", "True"),
        lambda: [test_detectors.test_what_is_left_alone(each) for each in test_detectors.LEFT]),
    "what was not read is passed over": (
        Edit(detectors._scan_layer, "yield Found(*layer.way(0, 1), UNREAD, \"secret\", b\"\")", ""),
        test_detectors.test_what_could_not_be_read_is_found_whole),
    "a short value is found within words": (
        Edit(detectors._needle, "len(value) >= LONG", "True"), test_detectors.test_needles_are_found_in_every_encoding),
    "card numbers need no check digit": (
        Edit(checks.card_number, "total % 10 == 0", "True"),
        test_redaction.test_numbers_may_be_those_of_a_card),
    "escapes stay": (
        Edit(layers._decoded, "_unescaped(layer), ", ""), lambda: test_canaries.test_in_every_encoding(KEY, "percent")),
    "base64 stays": (
        Edit(layers._decoded, "_joined(layer, _BASE64, _from_base64), ", ""),
        lambda: test_canaries.test_in_every_encoding(KEY, "base64")),
    "hex stays": (
        Edit(layers._decoded, ", _joined(layer, _HEX, _from_hex)", ", None"),
        lambda: test_canaries.test_in_every_encoding(KEY, "hex")),
    "the alphabet for URLs is unknown": (
        Edit(layers._from_base64, "run.translate(_FROM_URL, _LINE_ENDS)", "run.translate(None, _LINE_ENDS)"),
        test_layers.test_both_alphabets_and_lines),
    "base64 begins where it begins": (
        Edit(layers._from_base64, "range(4 if len(letters) >= _LONG else 1)", "range(1)"),
        lambda: [test_layers.test_base64_may_begin_behind_letters_that_are_not_of_it(each) for each in range(4)]),
    "a letter has one byte": (
        Edit(layers._from_base64, 'plain.replace(b"\\x00", b"") if b"\\x00" in plain else plain', "plain"),
        test_layers.test_two_bytes_a_letter),
    "decoding goes one level deep": (
        Edit(layers.layers, "layer.depth < MAX_NESTING", "layer.depth < 1"),
        lambda: test_layers.test_encodings_within_encodings_are_followed(2)),
    "what is nested deeper is nothing": (
        Edit(layers.layers, "if _speaks(below)", "if False"),
        test_layers.test_what_is_encoded_more_often_is_said_to_be_unread),
    "a password's neighbour is an address": (
        Edit(spans.of_found, 'each.cls == "personal" and any(each.start < end < each.end for end in before_host)', "False"),
        test_redaction.test_what_is_found_is_hidden_in_its_place_alone),
    # ---- what shows ----
    "look-alikes pass": (
        Edit(visible.shown, "alike = look_alikes(text)", "alike = frozenset()"),
        lambda: test_visible.test_what_passes_for_another_character_is_written_out("\u0430pple", "\\u{430}pple")),
    "escapes can be forged": (
        Edit(visible.shown, 'written[forged.start()] = _escaped("\\\\")', "pass"),
        test_visible.test_our_own_escapes_cannot_be_forged),
    "letters are struck through": (
        Edit(visible._is_odd, "unicodedata.combining(char) == 1 or", ""),
        lambda: test_visible.test_what_does_not_show_is_written_out("d\u0336e\u0336l", "d\\u{336}e\\u{336}l")),
    # ---- the card ----
    "reasons are filled in from the document itself": (
        Edit(drawing._Drawing._printed, "lookup(self.redacted.document,", "lookup(self.review.action,"),
        test_draw.test_a_reason_shows_of_the_document_what_the_card_shows),
    "what a rule read does not matter": (
        Edit(drawing._Drawing._hidden, "[*self.read, *self.review.material]", "[*self.review.material]"),
        test_draw.test_hidden_places_and_those_that_matter),
    "what the tool acts on does not matter": (
        Edit(drawing._Drawing._hidden, "[*self.read, *self.review.material]", "[*self.read]"),
        test_draw.test_hidden_places_and_those_that_matter),
    "definitions are not read": (
        Edit(read.read_by, "conditions += conditions_of(compiled.definitions[index])", "pass"),
        test_reading.test_conditions_definitions_loops_keys_and_reasons),
    "reasons are not read": (
        Edit(read.read_by, "for expr in (*conditions, *printed)", "for expr in conditions"),
        test_reading.test_conditions_definitions_loops_keys_and_reasons),
    "marks of two requests are compared": (
        Edit(rows.compared, "then is not None and now is not None and is_hidden(then + now)", "False"),
        test_draw.test_hidden_values_are_not_compared),
    "marks of the earlier action have numbers": (
        Edit(drawing._Drawing._earlier, "numbered=False", "numbered=True"),
        test_draw.test_what_is_hidden_today_is_hidden_of_the_earlier_one),
    "a mark is cut": (
        Edit(rows.capped, "kept[: kept.rfind(MARK_OPEN)] if", "kept if"),
        test_draw.test_a_mark_in_the_agents_words_is_never_cut),
    "hidden places are beyond counting": (
        Edit(drawing._Drawing.card, "and len(hidden) <= MAX_FIELDS", ""),
        test_draw.test_many_hidden_places_make_a_card_incomplete),
    "a pair of name and value is two values": (
        Edit(telling.told, 'found.add("value")', "pass"),
        test_redaction.test_pairs_of_a_name_and_a_value),
    "what is volatile differs": (
        Edit(drawing._Drawing._earlier, "if not touches(row[0], self.volatile)", ""),
        test_draw.test_what_differs_from_the_last_similar_one),
    "a card that is cut is complete": (
        Edit(drawing._Drawing.card, "len(kept) >= len(all_rows) - 1", "True"),
        test_draw.test_what_does_not_fit_a_card_makes_it_incomplete),
    "words are not capped": (
        Edit(rows.capped, "text[:most]", "text"), test_draw.test_the_agents_words_are_capped),
    "the verdict's terms are enough": (
        Edit(drawing._Drawing._seats, "self.review.terms or ", ""), test_draw.test_seats_are_those_in_force),
    "a card has no salt of its own": (
        Edit(drawing._Drawing.card, "review.salt or secrets.token_hex(16)", 'review.salt or "0" * 32'),
        test_card.test_the_salt_is_drawn_anew_when_none_is_given),
    "any nearest change will do": (
        Edit(drawing._Drawing.__post_init__, ', toward="allow"', ""), test_draw.test_what_would_have_been_allowed),
    "flags of hidden material are not raised": (
        Edit(flags.flags_of, "if each.material]", "if False]"), test_draw.test_hidden_places_and_those_that_matter),
    "the gate's marks are not shown": (
        Edit(flags.flags_of, "for mark in marks)", "for mark in ())"), test_draw.test_marks_of_the_gate_come_first),
    # ---- text ----
    "an incomplete card fits": (
        Edit(text.fits, "card.complete and", ""), test_text.test_a_card_that_does_not_fit_cannot_be_answered),
    "a second line begins at the edge": (
        Edit(text._wrapped, "first if rest is None else rest", '""'),
        test_text.test_neither_does_a_name_a_resource_or_a_place),
}  # fmt: skip


@pytest.mark.parametrize("reading", MUTANTS)
def test_it_is_noticed(reading: str) -> None:
    edit, test = MUTANTS[reading]
    test()
    with applied([edit]), pytest.raises((Exception, pytest.fail.Exception)):
        test()
