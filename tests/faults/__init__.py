"""Trouble of every kind, and the proof that everybody heard what they were to hear.

``plan`` makes citizens, changes, questions and faults from a seed; ``drive`` lives it on a real house and notes what it did;
``injectors`` make the trouble; ``checker`` reads the notes and Viber's own log, knows nothing of Telal, and says what is wrong.
"""
