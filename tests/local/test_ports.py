"""Where the laptop's service listens."""

import socket

import pytest

from app.local.ports import PortRefused, Ports


def test_the_usual_ports_and_the_variables_that_move_them() -> None:
    ports = Ports.read({"CROSSOVER_API__PORT": "18000"})
    assert ports.environment == {
        "CROSSOVER_API__PORT": "18000",
        "CROSSOVER_API__METRICS_PORT": "9464",
        "CROSSOVER_WORKER__METRICS_PORT": "9465",
        "CROSSOVER_SANDBOX__PORT": "8100",
    }


@pytest.mark.parametrize("text", ["", "0", "65536", "eighty", "٨٠", "-1"])
def test_what_is_no_port_number_is_refused_by_the_name_of_its_variable(text: str) -> None:
    with pytest.raises(PortRefused, match="CROSSOVER_SANDBOX__PORT is not a port number"):
        Ports.read({"CROSSOVER_SANDBOX__PORT": text})


def test_a_port_in_use_is_named_with_the_variable_that_moves_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        ports = Ports.read({"CROSSOVER_API__PORT": str(number)})
        with pytest.raises(PortRefused, match=rf"Port {number}, for the API, .*CROSSOVER_API__PORT"):
            ports.api.refuse_if_in_use()
    ports.api.refuse_if_in_use()
