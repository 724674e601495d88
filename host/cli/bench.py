"""Measure captions and the link on this computer, beside a floor or a peer in the same run."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from host.bench import (
    captions,
    commands,
    latency,
    link,
    navigate,
    page,
    power,
    price,
    price_latency,
    read,
    soak,
    text,
    translate,
    walking,
)
from host.cli.options import add_output_options, examples
from host.cli.output import Output
from host.events import Measurement

__all__ = ["add_arguments", "run"]

_BENCHMARKS = {
    "captions": (captions, "word errors with confidence interval, on any folder of recordings with transcripts"),
    "commands": (commands, "spoken commands understood, and what else is taken for one, at each threshold"),
    "latency": (latency, "time from the end of a word to the lens that shows it, stage by stage"),
    "link": (link, "what the link costs and withstands, beside packages by others on the same emulated Frame"),
    "navigate": (
        navigate,
        "routes, places, guidance and the link on a map, beside osmnx and networkx on the same file",
    ),
    "page": (page, "what somebody who looks at the page costs a session, and what it does to the captions' latency"),
    "power": (power, "what each feature of everyday mode costs the glasses a minute: link, lens, camera, microphone"),
    "price": (price, "prices in a folder of photographed tags: right, refused, wrong, seconds and memory"),
    "price-latency": (price_latency, "time from a tap to the lens that shows the price, stage by stage"),
    "read": (read, "what a reader of text and barcodes finds in a folder of photos, and what that costs"),
    "text": (text, "what lines in three scripts cost on the link, beside sending each as a picture"),
    "translate": (translate, "what translations cost on the link, and how soon after a sentence they are on the lens"),
    "walking": (
        walking,
        "simulated walks on a map: turns missed and noticed, wrong instructions, rules of other programs",
    ),
    "soak": (soak, "an hour of looped recordings: memory flat, nothing lost, every sentence saved"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the benchmarks."""
    parser.epilog = examples(
        "sidelight bench link --peers",
        "sidelight bench latency",
        "sidelight bench captions --data recordings",
        "sidelight bench price --data tags --country NO",
        "sidelight bench navigate --map monaco.osm.pbf",
        "sidelight bench soak --minutes 5",
    )
    parsers = parser.add_subparsers(metavar="WHAT", required=True)
    for name, (module, about) in _BENCHMARKS.items():
        sub_parser = parsers.add_parser(name, help=about, description=about)
        module.add_arguments(sub_parser)
        add_output_options(sub_parser)
        sub_parser.set_defaults(benchmark=name, measure=module.run)


def run(args: argparse.Namespace, out: Output) -> int:
    """Measure; a table for a person, one event a row for a script."""
    measure: Callable[[argparse.Namespace, Callable[[str], None]], list[dict[str, Any]]] = args.measure
    for row in measure(args, out.line):
        if out.json:
            out.event(Measurement(t=out.elapsed(), benchmark=args.benchmark, values=row))
    return 0
