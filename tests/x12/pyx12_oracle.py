"""An independent validator of 837P: pyx12 with its implementation maps of 005010X222A1, by other people.

Its script's exit status says nothing (4.0.0 exits 1 on success too), so it is asked in process. It loads its maps for
each document, a third of a second; here each is loaded once: validation keeps its counters beside the map.
"""

import functools
import io
import logging
from unittest import mock

import pyx12.errors
import pyx12.map_if
import pyx12.params
import pyx12.x12n_document

_load_map_once = functools.cache(pyx12.map_if.load_map_file)


@functools.cache
def _parameters() -> pyx12.params.params:
    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    parameters = pyx12.params.params()
    parameters.set("exclude_external_codes", "")  # nothing: places of service, states and remark codes are looked up
    return parameters


def complaints(text: str) -> list[str]:
    """What pyx12 finds wrong with an interchange; empty when it accepts it."""
    report = io.StringIO()
    with mock.patch.object(pyx12.map_if, "load_map_file", _load_map_once):
        try:
            accepted = pyx12.x12n_document.x12n_document(
                param=_parameters(), src_file=io.StringIO(text), fd_997=None, fd_html=None, fd_json=report
            )
        except pyx12.errors.EngineError as error:
            return [f"not even an interchange: {error}"]
    found = [line.strip() for line in report.getvalue().splitlines() if '"err_str"' in line]
    return found if accepted == (not found) else [*found, "refused without a reason"]
