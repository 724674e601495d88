"""Text into glyphs: the libraries that know Unicode and fonts, behind `host.lens.shaping.Typesetter`."""
