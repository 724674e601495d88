"""Composition: joins glasses, features, backends and store; with the benchmarks, the only code that knows glasses."""
