"""Where the parts of a laptop's service listen on 127.0.0.1, and whether they can."""

import dataclasses
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


class PortRefused(Exception):
    """A port that cannot be used; the text names it and the variable that moves it."""


@dataclass(frozen=True)
class Port:
    number: int
    variable: str
    part: str

    def answers(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(("127.0.0.1", self.number)) == 0

    def refuse_if_in_use(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
            try:
                probe.bind(("127.0.0.1", self.number))
            except OSError as error:
                raise PortRefused(
                    f"Port {self.number}, for the {self.part}, cannot be used: {error.strerror}. "
                    f"Stop the program that has it, or choose another with {self.variable}."
                ) from None


@dataclass(frozen=True)
class Ports:
    """The four ports; their usual numbers are those of the settings."""

    api: Port
    api_metrics: Port
    worker_metrics: Port
    sandbox: Port

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        def port(variable: str, usual: int, part: str) -> Port:
            text = environ.get(variable, str(usual))
            if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
                raise PortRefused(f"{variable} is not a port number.")
            return Port(int(text), variable, part)

        return cls(
            port("CROSSOVER_API__PORT", 8000, "API"),
            port("CROSSOVER_API__METRICS_PORT", 9464, "metrics of the API"),
            port("CROSSOVER_WORKER__METRICS_PORT", 9465, "metrics of the worker"),
            port("CROSSOVER_SANDBOX__PORT", 8100, "sandbox clearinghouse"),
        )

    @property
    def all(self) -> tuple[Port, ...]:
        return tuple(getattr(self, field.name) for field in dataclasses.fields(self))

    @property
    def environment(self) -> dict[str, str]:
        return {port.variable: str(port.number) for port in self.all}
