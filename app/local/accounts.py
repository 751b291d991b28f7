"""Under whose account the embedded PostgreSQL runs, since it refuses to run as root.

An ordinary user runs it as himself. For root the first choice is a user namespace in which root is shown as an
unprivileged account: the files stay root's. Where user namespaces are refused, an existing unprivileged account runs it
and owns the data folder. No account is made, and nothing outside the data folder changes its owner or its mode.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from app.local.binaries import Binaries, ClusterError

_UNPRIVILEGED = ("postgres", "nobody", "daemon")


class Identity(TypedDict, total=False):
    """The arguments of `subprocess` that change who a child is."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """`uid`, `gid` own the data folder; `prefix` and `identity` turn a command into that account's."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()
    sets_identity: bool = False  # where there is no setpriv

    @property
    def identity(self) -> Identity:
        return Identity(user=self.uid, group=self.gid, extra_groups=[]) if self.sets_identity else Identity()

    def own(self, *paths: Path) -> None:
        """Hand over files of the data folder; does nothing for an ordinary user, whose they are anyway."""
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def own_tree(self, top: Path) -> None:
        self.own(top, *(Path(folder, name) for folder, folders, files in os.walk(top) for name in (*folders, *files)))


def server_account(folder: Path, binaries: Binaries) -> Account:
    """The account for the server of this data folder. A folder keeps the account that has it, also under sudo."""
    owner = folder.stat().st_uid
    if os.geteuid() != 0:
        return _myself(folder, owner)
    if owner == 0:
        unprivileged = _unprivileged()
        return _user_namespace(unprivileged) or _change_to(unprivileged, folder, binaries)
    return _change_to(_entry(owner), folder, binaries)


def _myself(folder: Path, owner: int) -> Account:
    me = _entry(os.geteuid())
    if owner != me.pw_uid:
        raise ClusterError(f"{folder} belongs to another account (uid {owner}); use that one, or another data folder.")
    return Account(me.pw_uid, os.getegid())


def _entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise ClusterError(
            f"The account with uid {uid} has no entry in /etc/passwd, and PostgreSQL's initdb insists on one. "
            "Use an account that has one, or set DATABASE_URL to a running server."
        ) from None


def _unprivileged() -> pwd.struct_passwd:
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ClusterError(
        f"PostgreSQL does not run as root, and there is none of the accounts {', '.join(_UNPRIVILEGED)}."
    )


def _user_namespace(shown_as: pwd.struct_passwd) -> Account | None:
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    account = Account(0, 0, prefix=(unshare, f"--map-user={shown_as.pw_uid}", f"--map-group={shown_as.pw_gid}", "--"))
    return account if _runs(account, "test -n", "refused where the runtime forbids namespaces") else None


def _change_to(account: pwd.struct_passwd, folder: Path, binaries: Binaries) -> Account:
    setpriv = shutil.which("setpriv")
    who = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--no-new-privs")
    plain = (
        Account(account.pw_uid, account.pw_gid, prefix=(setpriv, *who, "--"))
        if setpriv
        else (Account(account.pw_uid, account.pw_gid, sets_identity=True))
    )
    plain.own(folder)
    if all(_runs(plain, "test -x", str(place)) for place in (folder, binaries.postgres)):
        return plain
    if setpriv:
        # A clone below root's 0700 home. Instead of opening the home, the server keeps the right to pass through
        # (CAP_DAC_OVERRIDE); it reads no more than the root who started it. In the user namespace it is root on disk too.
        may = ("--inh-caps=-all,+dac_override", "--ambient-caps=+dac_override")
        passing = Account(account.pw_uid, account.pw_gid, prefix=(setpriv, *who, *may, "--"))
        if _runs(passing, "test -x", binaries.postgres):
            return passing
    raise ClusterError(
        f"PostgreSQL does not run as root, and the account {account.pw_name} cannot reach {folder} or {binaries.folder}. "
        "Run as an ordinary user, or set CROSSOVER_DATA_DIR to a folder it can reach, or set DATABASE_URL to a running server."
    )


def _runs(account: Account, shell_command: str, *arguments: str) -> bool:
    command = (*account.prefix, "/bin/sh", "-c", f'{shell_command} "$@"', "sh", *arguments)
    try:
        return subprocess.run(command, capture_output=True, check=False, cwd="/", **account.identity).returncode == 0
    except OSError:
        return False
