"""What receivers and recordings say of positions, understood: NMEA 0183, gpsd's JSON, GPX; pure."""
