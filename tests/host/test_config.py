"""Settings from file, environment and flags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host import config
from host.errors import UsageError


def load(tmp_path, text=None, environment=None, flags=None):
    file = tmp_path / "sidelight.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    return config.load(flags or {}, environment or {}, file)


def failure(tmp_path, text=None, environment=None, flags=None) -> UsageError:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, text, environment, flags)
    return caught.value


def test_defaults_without_a_file(tmp_path):
    assert load(tmp_path) == config.Settings()


def test_later_sources_overrule_earlier_ones(tmp_path):
    text = 'language = "de"\n[captions]\nlines = 1\ndark_after_s = 5\n[audio]\nbits = 8\n'
    settings = load(
        tmp_path,
        text,
        {"SIDELIGHT_CAPTIONS_LINES": "2", "SIDELIGHT_AUDIO_BITS": "16", "SIDELIGHT_HOME": "x", "PATH": "/bin"},
        {"audio.bits": "8", "keep_audio": True},
    )
    assert settings == config.Settings(
        language="de", captions_lines=2, captions_dark_after_s=5.0, audio_bits=8, keep_audio=True
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('\nlangage = "de"\n', "line 2: unknown setting langage; did you mean language?", "Known are glasses, "),
        ("[captions]\nline = 2\n", "line 2: unknown setting captions.line; did you mean captions.lines?", "Known are"),
        ("captions.lines = 9\n", "line 1: captions.lines cannot be 9", "It is a whole number at least 1 and at most 3"),
        ("captions = { lines = 0 }\n", "line 1: captions.lines cannot be 0", "It is a whole number at least 1"),
        ("[captions]\nlines = true\n", "line 2: captions.lines cannot be True", "It is a whole number"),
        ('[captions]\nsize = "huge"\n', "line 2: captions.size cannot be huge", "It is one of normal, large"),
        ('[taps]\ntriple = "pirce"\n', "line 2: taps.triple cannot be pirce; did you mean price?", "front, nothing, "),
        ('taps = { singel = "price" }\n', "line 1: unknown setting taps.singel; did you mean taps.single?", "Known"),
        ("button.long = 3\n", "line 1: button.long cannot be 3", "It is one of front, nothing, price"),
        ("language = 3\n", "line 1: language cannot be 3", "It is text in quotes"),
        ("keep_audio = 1\n", "line 1: keep_audio cannot be 1", "It is true or false"),
        ("language = \n", "is not TOML: Invalid value (at line 1, column 12)", "Mend that line"),
        ("captions.lines = " + "9" * 5000 + "\n", "is not TOML", "Mend that line"),
        ("language = " + "[" * 3000 + "\n", "is not TOML", "Mend that line"),
        ('[translate]\nto = "auto"\n', "line 2: no language can be found out", "Name it"),
        ('[openai]\napi_key = "abc"\n', "line 2: an API key does not belong in this file", "SIDELIGHT_OPENAI_API_KEY"),
        ('[openai]\nmodel = "sk-0123456789abcdef0123"\n', "line 2: an API key does not belong", "Remove the line"),
    ],
)
def test_a_mistake_in_the_file_names_its_line_and_the_remedy(tmp_path, text, message, hint):
    error = failure(tmp_path, text)
    assert message in error.message
    assert "sidelight.toml" in error.message
    assert error.hint.startswith(hint) or hint in error.hint


def test_a_mark_at_its_beginning_is_none_of_its_words(tmp_path):
    assert load(tmp_path, '\ufefflanguage = "de"\n').language == "de"


def test_a_secret_is_not_repeated_in_the_message(tmp_path):
    error = failure(tmp_path, '[openai]\napi_key = "abcdefgh"\n')
    assert "abcdefgh" not in error.message + error.hint


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (
            {"SIDELIGHT_LANGAGE": "de"},
            "unknown environment variable SIDELIGHT_LANGAGE; did you mean SIDELIGHT_LANGUAGE?",
        ),
        ({"SIDELIGHT_FOO": "1"}, "unknown environment variable SIDELIGHT_FOO\n"),
        ({"SIDELIGHT_KEEP_AUDIO": "maybe"}, "SIDELIGHT_KEEP_AUDIO: keep_audio cannot be maybe"),
        ({"SIDELIGHT_AUDIO_RATE_HZ": "44100"}, "SIDELIGHT_AUDIO_RATE_HZ: audio.rate_hz cannot be 44100"),
        ({"SIDELIGHT_CAPTIONS_DARK_AFTER_S": "nan"}, "captions.dark_after_s cannot be nan"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(tmp_path, environment, message):
    assert message in failure(tmp_path, environment=environment).message + "\n"


def test_a_bad_flag_is_named_as_it_was_typed(tmp_path):
    error = failure(tmp_path, flags={"captions.lines": "four"})
    assert error.message == "--captions-lines: captions.lines cannot be four"


def test_a_file_that_cannot_be_read_is_an_error(tmp_path):
    (tmp_path / "sidelight.toml").mkdir()
    assert "cannot read the configuration" in failure(tmp_path).message


@pytest.mark.parametrize("word", ["true", "Yes", "on", "1"])
def test_yes_and_no_in_the_environment(tmp_path, word):
    assert load(tmp_path, environment={"SIDELIGHT_KEEP_AUDIO": word}).keep_audio


@given(st.text(max_size=200))
def test_any_file_is_read_or_refused(tmp_path_factory, text):
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        outcome = str(config.load({}, {}, file))
    except UsageError as error:
        outcome = error.message
    assert outcome.startswith("Settings(") or str(file) in outcome
