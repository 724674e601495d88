"""The first run, step by step: glasses, their tests, languages, a model."""
