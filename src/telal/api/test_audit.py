"""Each call of the DMS leaves one line in the audit log, whatever it brings."""


def test_a_call_is_noted_by_the_name_of_its_key_and_the_id_of_the_case(dms, noted):
    dms.put("A/1 ž", subject="Žalba Ane Anić")
    dms.get("A/1 ž")
    assert [(each.door, each.who, each.action, each.result, each.about) for each in noted] == [
        ("api", "DMS", "PUT cases/<ref:ref>", 201, ("refs/A%2F1%20%C5%BE",)),
        ("api", "DMS", "GET cases/<ref:ref>", 200, ("refs/A%2F1%20%C5%BE",)),
    ]


def test_a_batch_is_one_line(dms, noted):
    dms.put()
    dms.lines(*({"case": "A-1", "key": f"k{n}", "status": "in_progress"} for n in range(50)))
    assert [each.action for each in noted] == ["PUT cases/<ref:ref>", "POST events"]


def test_without_a_key_there_is_nobody_to_note(dms, noted):
    dms.send("GET", "cases/A-1", Authorization=None)
    assert noted == []
