"""A disk that loses power. It is fed with what the shim recorded, knows what is durable, and draws what else is there.

    disk = Disk()
    for record in records_of(log, root):
        disk.begin(record)      # a call has begun
        tree = disk.crash(draw)  # {path: bytes, or None for a folder}: what the next start finds
        disk.end(record)        # the call has returned

Durable is what POSIX promises and no more. fsync of a file: its bytes and its size, not its name. fsync of a folder: the names in
it (of a move: the folder that it goes to). A write through O_DSYNC: its bytes. Of all else any part may be there:
* of each write nothing, all, or some of its sectors of 512 bytes (one sector is whole; it holds what the file held there after some
  write); sizes with or without the bytes (then zeros);
* of the changes of names either those up to some moment (an ordered journal), or any of them. The rename of a folder is whole. That of
  a file from one folder to another may leave both names, never none.
Not simulated: disks that report a flush too early, sectors that are torn in themselves, other bytes than zeros in blocks that were
never written."""
import collections
import itertools

SECTOR = 512
Record = collections.namedtuple("Record", "call path argument synced bytes end")


def records_of(log, root):
    """The shim's records as paths below `root`; `end` is where a record ends in the log."""
    at = 0
    while at < len(log):
        line_end = log.index(b"\n", at)
        call, path, argument, synced, size = log[at:line_end].decode().split("\t")
        at = line_end + 1 + int(size)
        if call == "rename" or call == "link":
            argument = below(argument, root)
        yield Record(call, below(path, root), argument, synced == "1", log[line_end + 1:at], at)


def below(path, root):
    if path != root and not path.startswith(root + "/"):
        raise ValueError(f"{path} is not below {root}")
    return path[len(root) + 1:]


class File:
    def __init__(self, content=b""):
        self.durable, self.now, self.pending = bytes(content), bytearray(content), []

    def change(self, kind, at, content):
        self.pending.append([kind, at, content, False])
        apply(self.now, kind, at, content)

    def sync(self):
        if self.pending:
            self.durable, self.pending = bytes(self.now), []

    def crash(self, draw):
        if not self.pending:
            return self.durable
        now, disk = bytearray(self.durable), bytearray(self.durable)
        fates = fates_of(len(self.pending), draw)
        for (kind, at, content, durable), fate in zip(self.pending, fates):
            apply(now, kind, at, content)
            if durable or fate == "kept":
                fate = 1.0
            elif fate == "torn":
                fate = draw.choice((.1, .5, .9)) if kind == "write" else draw.choice((0., 1.))
            else:
                fate = 0.
            if kind != "write":
                if fate:
                    apply(disk, kind, at, content)
                continue
            end = at + len(content)
            if fate == 1.0:
                copy(disk, now, at - at % SECTOR, end + -end % SECTOR)
            elif fate:
                for sector in range(at - at % SECTOR, end, SECTOR):
                    if draw.random() < fate:
                        copy(disk, now, sector, sector + SECTOR)
            if fate != 1.0 and draw.random() < .2:  # the size without the bytes
                apply(disk, "extend", min(end, len(now)), b"")
        return bytes(disk)


def fates_of(count, draw):
    mode = draw.randrange(6)
    if mode == 0:
        return ["lost"] * count
    if mode == 1:
        return ["kept"] * count
    if mode == 2:  # all but one
        fates = ["kept"] * count
        fates[draw.randrange(count)] = draw.choice(("lost", "torn"))
        return fates
    if mode == 3:  # in the order of the writes
        kept = draw.randrange(count)
        return ["kept"] * kept + ["torn"] + ["lost"] * (count - kept - 1)
    kept = draw.choice((.1, .5, .9))
    return ["kept" if draw.random() < kept else draw.choice(("lost", "lost", "torn")) for _ in range(count)]


def apply(content, kind, at, more):
    """`at`: where bytes are written, or the new size."""
    if kind == "write":
        if at > len(content):
            content.extend(bytes(at - len(content)))
        content[at:at + len(more)] = more
    elif len(content) < at:
        content.extend(bytes(at - len(content)))
    elif kind == "truncate":
        del content[at:]


def copy(disk, now, begin, end):
    end = min(end, len(now))
    if begin < end:
        apply(disk, "write", begin, now[begin:end])


class Folder:
    def __init__(self):
        self.durable, self.now = {}, {}


class Change:
    """Of names: parts (folder, name, node or None), the later ones never there without those before; all or none if `whole`."""

    def __init__(self, number, parts, whole=True):
        self.number, self.parts, self.whole = number, parts, whole

    def durable_by(self, folder):
        """How many of the parts the fsync of a folder makes durable."""
        if not self.parts or self.parts[0][0] is not folder:
            return 0
        return len(self.parts) if self.whole else 1


class Disk:
    def __init__(self, tree=None):
        """With `tree` on it, durably."""
        self.root, self.changes, self.count, self.last_durable = Folder(), [], 0, 0
        for path in sorted(tree or {}):
            folder, name = self.place(path)
            node = Folder() if tree[path] is None else File(tree[path])
            folder.now[name] = folder.durable[name] = node

    def place(self, path):
        above, _, name = path.rpartition("/")
        return self.find(above), name

    def find(self, path):
        node = self.root
        for name in path.split("/") if path else ():
            node = node.now[name]
        return node

    def begin(self, record):
        """A call that has not returned: nothing of it is durable yet, a part of it may be."""
        call, path = record.call, record.path
        if path.endswith(" (deleted)") or call in ("sync", "allocate"):
            return
        if call == "write":
            self.find(path).change("write", int(record.argument), record.bytes)
        elif call in ("truncate", "extend"):
            self.find(path).change(call, int(record.argument), b"")
        elif call in ("create", "mkdir"):
            self.rename_parts([(*self.place(path), File() if call == "create" else Folder())])
        elif call == "unlink":
            self.rename_parts([(*self.place(path), None)])
        elif call == "link":
            self.rename_parts([(*self.place(record.argument), self.find(path))])
        elif call == "rename":
            source, target, node = self.place(path), self.place(record.argument), self.find(path)
            self.rename_parts([(*target, node), (*source, None)],
                              whole=source[0] is target[0] or isinstance(node, Folder))
        else:
            raise ValueError(f"an unknown call: {call}")

    def end(self, record):
        if record.path.endswith(" (deleted)"):
            return
        if record.call == "sync":
            node = self.find(record.path)
            if isinstance(node, File):
                node.sync()
            else:
                self.sync_names(node)
        elif record.call == "write" and record.synced:
            file = self.find(record.path)
            file.pending[-1][3] = True
            if all(durable for *_, durable in file.pending):
                file.sync()

    def rename_parts(self, parts, whole=True):
        for folder, name, node in parts:
            if node is None:
                del folder.now[name]
            else:
                folder.now[name] = node
        self.count += 1
        self.changes.append(Change(self.count, parts, whole))

    def sync_names(self, folder):
        left = []
        for change in self.changes:
            done = change.durable_by(folder)
            for part in change.parts[:done]:
                put(part[0].durable, *part[1:])
                for other in left:  # what came before it under that name counts no longer
                    other.parts = [one for one in other.parts if one[:2] != part[:2]]
            if done:
                self.last_durable = max(self.last_durable, change.number)
            change.parts = change.parts[done:]
            left.append(change)
        self.changes = [change for change in left if change.parts]

    def crash(self, draw):
        names = {}

        def names_of(folder):
            return names.setdefault(id(folder), dict(folder.durable))

        if draw.random() < .4:
            upto = draw.randint(self.last_durable, self.count)
            kept = [(change, len(change.parts)) for change in self.changes if change.number <= upto]
        else:
            often = draw.choice((0., .2, .5, .8, 1.))
            kept = [(change, self.drawn_parts(change, often, draw)) for change in self.changes]
        for change, count in kept:
            for folder, name, node in change.parts[:count]:
                put(names_of(folder), name, node)
        tree, contents = {}, {}

        def walk(folder, path):
            for name, node in names.get(id(folder), folder.durable).items():
                if isinstance(node, Folder):
                    tree[path + name] = None
                    walk(node, path + name + "/")
                else:  # one content, whatever names it has
                    if node not in contents:
                        contents[node] = node.crash(draw)
                    tree[path + name] = contents[node]

        walk(self.root, "")
        return tree

    @staticmethod
    def drawn_parts(change, often, draw):
        if change.whole:
            return len(change.parts) if draw.random() < often else 0
        return sum(1 for _ in itertools.takewhile(lambda _: draw.random() < often, change.parts))

    def tree(self):
        """As it is while there is power."""
        tree = {}

        def walk(folder, path):
            for name, node in folder.now.items():
                tree[path + name] = None if isinstance(node, Folder) else node.now
                if isinstance(node, Folder):
                    walk(node, path + name + "/")

        walk(self.root, "")
        return tree


def put(names, name, node):
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node
