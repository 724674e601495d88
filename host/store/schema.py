"""The one schema of everything kept, as numbered migrations; pure.

`PRAGMA user_version` counts the migrations a database has had. Changing the schema is adding a migration; one that
was released never changes. All times are seconds from the start of a recording unless they are ISO 8601 text.
"""

from __future__ import annotations

__all__ = ["APPLICATION_ID", "MIGRATIONS", "SCHEMA_VERSION"]

APPLICATION_ID = 0x53444C54
"""`PRAGMA application_id`: "SDLT", so that `file` and we tell our database from another program's."""

_TRANSCRIPTS = (
    # AUTOINCREMENT: a number is never used twice, so that a deleted transcript's number names nothing for ever.
    """
    CREATE TABLE transcript (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        started TEXT NOT NULL,                -- ISO 8601 with offset
        title TEXT,                           -- as the user named it; NULL: made from `started` and `opening`
        opening TEXT NOT NULL DEFAULT '',     -- beginning of its first sentence
        sentences INTEGER NOT NULL DEFAULT 0,
        bookmarks INTEGER NOT NULL DEFAULT 0,
        duration_s REAL NOT NULL DEFAULT 0,   -- end of its last entry
        complete INTEGER NOT NULL DEFAULT 0   -- 1 once it was closed
    )
    """,
    """
    CREATE TABLE entry (
        id INTEGER PRIMARY KEY,               -- order in which things happened
        transcript_id INTEGER NOT NULL REFERENCES transcript (id),
        kind TEXT NOT NULL CHECK (kind IN ('sentence', 'gap', 'bookmark')),
        start_s REAL NOT NULL,
        end_s REAL NOT NULL,
        text TEXT NOT NULL,                   -- what was said; of a gap, its reason; of a bookmark, ''
        language TEXT NOT NULL,               -- ISO 639-1, or ''
        confidence REAL,                      -- 0 to 1
        speaker TEXT,                         -- a name, or a number within the transcript
        words TEXT NOT NULL                   -- JSON: [[text, start_s, end_s, confidence or null], ...]
    )
    """,
    "CREATE INDEX entry_of_transcript ON entry (transcript_id)",
    # What a voice sounds like. It goes with its transcript, unless the user has named it: then it stays to be known by.
    """
    CREATE TABLE voice (
        id INTEGER PRIMARY KEY,
        transcript_id INTEGER REFERENCES transcript (id),  -- where it was heard; NULL once that one is deleted
        label TEXT NOT NULL,                  -- as in `entry.speaker`
        named INTEGER NOT NULL,               -- 1 where the user said who it is
        model TEXT NOT NULL,                  -- whose embedding it is
        seconds REAL NOT NULL,                -- of speech that it was made of
        embedding BLOB NOT NULL,              -- 32-bit floats, little endian
        UNIQUE (transcript_id, label)
    )
    """,
    # Row ids are those of `entry`; what is indexed is `search.index_text` of a sentence and of its speaker's name.
    # Marks belong to words (M*), or Thai and Devanagari would fall apart at every vowel sign.
    """
    CREATE VIRTUAL TABLE sentence_index USING fts5 (
        words,
        speaker,
        tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'",
        prefix = '2 3'
    )
    """,
    # Row ids are those of `transcript`, for titles that the user gave.
    """
    CREATE VIRTUAL TABLE title_index USING fts5 (
        words,
        tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'",
        prefix = '2 3'
    )
    """,
)

_GLASSES = (
    """
    CREATE TABLE bound_glasses (
        address TEXT NOT NULL,                -- Bluetooth address, or the system's identifier
        radio TEXT NOT NULL,                  -- '': the system's; else as `via=` names it; 'emulator'
        name TEXT NOT NULL,                   -- as they advertised it; data from outside
        bound TEXT NOT NULL,                  -- ISO 8601 with offset
        tests TEXT NOT NULL DEFAULT '',       -- names of the tests of setup that they have passed, spaces between
        PRIMARY KEY (address, radio)
    )
    """,
)

_TRANSLATIONS = (
    "ALTER TABLE transcript ADD COLUMN translations INTEGER NOT NULL DEFAULT 0",  # sentences that have one
    """
    CREATE TABLE translation (
        entry_id INTEGER PRIMARY KEY REFERENCES entry (id),
        language TEXT NOT NULL,               -- ISO 639-1, that it is in, or would be
        text TEXT NOT NULL,                   -- '' where it is missing
        translator TEXT NOT NULL,             -- what made it, or ''
        doubts TEXT NOT NULL,                 -- JSON: [phrase, ...]
        keep_source INTEGER NOT NULL,         -- 1 where the original must be shown beside it
        missing TEXT NOT NULL                 -- why there is none, or ''
    )
    """,
    # FTS5 cannot add a column. One index, so that words said, words translated and a name are found together.
    "ALTER TABLE sentence_index RENAME TO sentence_index_1",
    """
    CREATE VIRTUAL TABLE sentence_index USING fts5 (
        words,
        speaker,
        translation,
        tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'",
        prefix = '2 3'
    )
    """,
    """
    INSERT INTO sentence_index (rowid, words, speaker, translation)
        SELECT rowid, words, speaker, '' FROM sentence_index_1
    """,
    "DROP TABLE sentence_index_1",
)

_PRICES = (
    # AUTOINCREMENT: as of transcripts. Amounts are decimal text, for REAL would change their digits.
    """
    CREATE TABLE price_seen (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        seen TEXT NOT NULL,                   -- ISO 8601 with offset
        price TEXT NOT NULL,
        currency TEXT NOT NULL,               -- ISO 4217, or ''
        gtin TEXT NOT NULL,                   -- as read, or ''
        gtin_key TEXT NOT NULL,               -- its 14 digits, or ''
        name TEXT NOT NULL,                   -- as read, or ''
        name_key TEXT NOT NULL,               -- folded, or ''
        quantity TEXT,
        quantity_unit TEXT NOT NULL,
        unit_price TEXT,
        per TEXT NOT NULL,
        without_tax INTEGER NOT NULL,
        shop TEXT NOT NULL,
        country TEXT NOT NULL
    )
    """,
    "CREATE INDEX price_seen_gtin ON price_seen (gtin_key)",
    "CREATE INDEX price_seen_name ON price_seen (name_key)",
    # Of open databases; all of it is public, and can be had again.
    """
    CREATE TABLE open_price (
        id INTEGER PRIMARY KEY,               -- as in Open Prices
        gtin_key TEXT NOT NULL,
        price TEXT NOT NULL,
        currency TEXT NOT NULL,
        day TEXT NOT NULL,                    -- ISO 8601
        country TEXT NOT NULL,                -- ISO 3166
        shop TEXT NOT NULL,
        discounted INTEGER NOT NULL,
        dump INTEGER NOT NULL                 -- 1 where it came with many others; 0 where it was asked about
    )
    """,
    "CREATE INDEX open_price_gtin ON open_price (gtin_key, country)",
    """
    CREATE TABLE product (
        gtin_key TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        brand TEXT NOT NULL,
        quantity TEXT NOT NULL,
        known INTEGER NOT NULL                -- 0 where the database has no such article
    )
    """,
    # When what was asked about, so that nobody is asked again too soon.
    "CREATE TABLE lookup (what TEXT, gtin_key TEXT, day TEXT NOT NULL, PRIMARY KEY (what, gtin_key))",
    "CREATE TABLE exchange_rate (currency TEXT PRIMARY KEY, per_euro TEXT NOT NULL, day TEXT NOT NULL)",
)

_PLACES = (
    """
    CREATE TABLE saved_place (
        name TEXT PRIMARY KEY,                -- as the user calls it, in lower case
        lat REAL NOT NULL,
        lon REAL NOT NULL,
        title TEXT NOT NULL                   -- what is there, as the map calls it; or ''
    )
    """,
)

_COMPASSES = (
    """
    CREATE TABLE compass_calibration (
        address TEXT NOT NULL,                -- of the glasses; both as in `bound_glasses`, which need not have them
        radio TEXT NOT NULL,
        made TEXT NOT NULL,                   -- ISO 8601 with offset
        parameters TEXT NOT NULL,             -- JSON: the fields of `Calibration`
        PRIMARY KEY (address, radio)
    )
    """,
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_TRANSCRIPTS + _GLASSES, _TRANSLATIONS, _PRICES, _PLACES, _COMPASSES)
"""The statements of each migration, the first making version 1."""

SCHEMA_VERSION = len(MIGRATIONS)
