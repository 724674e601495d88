// The route on a canvas, north up: no tiles, since they would come from elsewhere.

export function drawMap(canvas, route, fix) {
  const points = route.points;
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const all = fix ? [...points, [fix.lat, fix.lon]] : points;
  const lats = all.map((p) => p[0]);
  const lons = all.map((p) => p[1]);
  const low = (values) => values.reduce((a, b) => Math.min(a, b));
  const high = (values) => values.reduce((a, b) => Math.max(a, b));
  const middle = [(low(lats) + high(lats)) / 2, (low(lons) + high(lons)) / 2];
  const narrow = Math.cos((middle[0] * Math.PI) / 180);
  const size = Math.max((high(lons) - low(lons)) * narrow / canvas.width, (high(lats) - low(lats)) / canvas.height);
  const scale = 0.85 / Math.max(size, 1e-7);
  const place = ([lat, lon]) => [
    canvas.width / 2 + (lon - middle[1]) * narrow * scale,
    canvas.height / 2 - (lat - middle[0]) * scale,
  ];
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.lineWidth = 5;
  pen.lineJoin = pen.lineCap = "round";
  pen.strokeStyle = colour("--accent");
  pen.beginPath();
  points.forEach((point) => pen.lineTo(...place(point)));
  pen.stroke();
  const dot = (point, fill, radius) => {
    pen.beginPath();
    pen.arc(...place(point), radius, 0, 2 * Math.PI);
    pen.fillStyle = fill;
    pen.fill();
  };
  dot(points[points.length - 1], colour("--ink"), 8);
  if (fix) {
    for (const [fill, radius] of [["--ink", 14], ["--ground", 11], ["--bad", 8]]) {
      dot([fix.lat, fix.lon], colour(fill), radius); // a ring: not by its colour alone
    }
  }
  const where = fix ? `; you are at the ring, ${fix.lat.toFixed(5)}, ${fix.lon.toFixed(5)}` : "";
  canvas.setAttribute("aria-label", `the route to ${route.destination}, north up${where}`);
}
