"""A million encrypted photographs matched by face and by person, alternating: three of each person; and one of every second person beside two of
the others, so that every block holds both kinds. One photograph more of a person, beside one of a new person, in both."""
from harness import alternating, at_most

AIMS = {"three_of_face": at_most(1.0), "mixed_of_face": at_most(1.4)}
OPTIONAL = ("*",)


def measure(bench):
    faces, rounds = bench.size(1_000_000, 3_000), bench.size(11, 1)
    figures = {"faces": faces}
    for name, faces_a_person in (("three", 3), ("mixed", 0)):
        with bench.store() as store:
            bench.say(f"filling two collections with {faces:,} faces ({name})")
            store.run("collection", "create", "persons", "--match-by", "person")
            filled = {collection: store.fill(collection, faces, faces_a_person=faces_a_person)["seconds"] for collection in ("sealed", "persons")}
            template = store.template()
            bench.say("searches by template")
            median = alternating(rounds, {
                "face": lambda: store.search("sealed", template)[0],
                "person": lambda: store.search("persons", template)[0],
            })
            figures.update({f"{name}_face_ms": median["face"], f"{name}_person_ms": median["person"],
                            f"{name}_of_face": median["person"] / median["face"],
                            f"{name}_fill_of_face": filled["persons"] / filled["sealed"]})
    return figures
