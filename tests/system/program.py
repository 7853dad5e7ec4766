"""Runs the program in a store of its own; shared by the tests of this folder."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PEOPLE = pathlib.Path(__file__).resolve().parent.parent / "data" / "people"


class Program:
    """`with Program(path) as program:` a store with a collection `people`."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.environment = {"HOME": self.folder.name, "FACESEARCH_STORE": self.folder.name + "/store",
                            "PATH": os.environ["PATH"]}
        self.run("init")
        self.run("collection", "create", "people")
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def command(self, *words):
        return [self.path, *map(str, words)], dict(env=self.environment, stdin=subprocess.DEVNULL,
                                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def start(self, *words):
        line, options = self.command(*words)
        return subprocess.Popen(line, **options)

    def run(self, *words):
        """The answer of a command that must succeed."""
        line, options = self.command(*words)
        done = subprocess.run(line, check=False, **options)
        if done.returncode != 0:
            sys.exit(f"{' '.join(line)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    @staticmethod
    def picture(person, photo=1):
        return PEOPLE / f"person{person:02}-{photo}.jpg"

    def enroll(self, person, photo=1, collection="people"):
        return self.run("enroll", "--collection", collection, "--name", f"person{person:02}", "--image",
                        self.picture(person, photo))

    def search(self, person, photo, collection="people"):
        return self.run("search", "--collection", collection, "--name", "probe", "--image",
                        self.picture(person, photo))
