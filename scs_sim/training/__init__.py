"""Training: a trial of spinal cord stimulation rehearsed with a virtual patient who only says what a patient can say.

case.py what an instructor writes; hiding.py, draw.py what chance hides in it; actions.py what the trainee may do;
situation.py what the trainee can see, a fold over events.py; clinic.py the patient's side; record.py, session.py keep
and run it.
"""
