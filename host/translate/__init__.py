"""Translation: what surrounds a translator. Pure but for `pipeline`, which takes sentences and gives cards."""
