"""Whom the servers run as where we are root: Postgres refuses to be root, and Valkey has no need to."""

import os
import pwd
import stat
import struct
import subprocess
import time
from pathlib import Path

NAME = "callboard-embedded"
_ACL = "system.posix_acl_access"
_ACL_VERSION = struct.pack("<I", 2)
_OWNER, _USER, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID = 0xFFFFFFFF


def account() -> pwd.struct_passwd | None:
    """The system user that owns the servers; None for an ordinary user, who runs them as himself."""
    if os.geteuid() != 0:
        return None
    for _ in range(20):
        try:
            return pwd.getpwnam(NAME)
        except KeyError:
            if not _add_user():
                # `nobody` is shared with other programs, but it is there on every system.
                return pwd.getpwnam("nobody")
    raise RuntimeError(f"The system user {NAME} could not be made: is /etc/passwd locked?")


def own(path: Path) -> None:
    """Make a private folder that the servers' user owns and can reach."""
    path.mkdir(parents=True, exist_ok=True)
    user = account()
    uid = os.geteuid() if user is None else user.pw_uid
    if path.is_symlink() or path.stat().st_uid not in {os.geteuid(), uid}:
        raise PermissionError(f"{path} belongs to another user. Remove it, or run as the user who made it.")
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)
    path.chmod(0o700)
    let_in(path)


def let_in(path: Path) -> None:
    """Let the servers' user pass through the folders above `path`; nobody else, where access lists allow."""
    user = account()
    if user is None:
        return
    for folder in path.resolve().parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            try:
                _grant_passage(folder, user.pw_uid)
            except OSError:
                # No access lists here: passing through, without reading, is opened to all.
                folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)


def make_readable(folder: Path) -> None:
    """Let the servers' user read and run what was installed under a strict umask."""
    if account() is None:
        return
    let_in(folder)
    for path in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        opened = mode | (mode & 0o500) >> 6
        if opened != mode and not path.is_symlink():
            path.chmod(opened)


def _grant_passage(folder: Path, uid: int) -> None:
    """Add `user:uid:--x` to the access list. Layout: acl(5), linux/posix_acl_xattr.h."""
    mode = folder.stat().st_mode
    entries = {
        (_OWNER, _NO_ID): mode >> 6 & 7,
        (_GROUP, _NO_ID): mode >> 3 & 7,
        (_OTHER, _NO_ID): mode & 7,
    }
    try:
        entries |= {
            (tag, who): bits for tag, bits, who in struct.iter_unpack("<HHI", os.getxattr(folder, _ACL)[4:])
        }
    except OSError:
        entries[_MASK, _NO_ID] = entries[_GROUP, _NO_ID]
    entries[_USER, uid] = 1
    entries[_MASK, _NO_ID] |= 1
    packed = b"".join(struct.pack("<HHI", tag, bits, who) for (tag, who), bits in sorted(entries.items()))
    os.setxattr(folder, _ACL, _ACL_VERSION + packed)


def _add_user() -> bool:
    """Whether it is worth looking for the user again: it was made, or another process is making it."""
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/", "--shell", "/bin/false", NAME]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 -- every word is ours
    except FileNotFoundError:
        return False
    if done.returncode not in {0, 9}:
        time.sleep(0.25)
    return True
