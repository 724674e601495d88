"""What a photo says: lines of text and barcodes as readers give them, put into reading order; pure."""
