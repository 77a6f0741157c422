# Ties to Snakemake's internals that make it faster and change no result, each with its reason. No rules.

from snakemake import persistence
from snakemake.output_index import OutputIndex
from snakemake.script import PythonScript

from vhi.io.warm import NETWORKS, Warm


def look_up_once(batches):
    """Remember which rules make a file, and know it at once where that is a batch.

    Snakemake asks anew for each job that needs the file, compares its name with those of all outputs letter by letter, and compiles
    a pattern per output to be sure: a quarter of a large plan.
    """
    batched = [one for batch in batches if (one := workflow._rules.get(batch.name))]  # the others were taken away
    made = {str(file): one for one in batched for file in one.products()}
    search = OutputIndex.match_producers

    def match_producers(index, file):
        known, name = vars(index).setdefault("known", {}), str(file)
        if name not in known:
            known[name] = {made[name]} if name in made else search(index, file)
        return known[name]

    OutputIndex.match_producers = match_producers


def look_once_per_job():
    """Take away Snakemake's own limit of 100 jobs a second; one that was asked for (`max-jobs-per-timespan`) stays.

    To keep to it, Snakemake (seen in 9.27) sets a timer after each look at the queue for another look a second later, which
    sets a timer in its turn, and none of them ends: after 100 jobs it goes through the queue 100 times a second.
    """
    limit = getattr(getattr(workflow, "scheduler", None), "job_rate_limiter", None)
    if limit and (limit.max_jobs, limit.timespan) == (100, 1):  # the default
        workflow.scheduler.job_rate_limiter = None


def start_without_pandas():
    """Do without pandas where nobody has imported it: Snakemake does for each start, in case that a param is one of its tables.

    It took a fifth of a small dry run. A param that is a table has had it imported.
    """
    base = getattr(persistence, "PersistenceBase", None)  # in older versions, another class
    if hasattr(base, "_serialize_param_pandas"):
        serialize = lambda self: (
            self._serialize_param_pandas if "pandas" in sys.modules else self._serialize_param_builtin
        )
        base._serialize_param = property(serialize)


def fork_small_jobs():
    """Run scripts in forks of a process that has their libraries imported: those of one thread, and those of the networks.

    The networks' have one of their own, since few runs need torch; they set the number of their threads themselves. Others, and
    those in an environment of their own, run as Snakemake does. Many short runs may share processes: VHI_WARM names their sockets.
    """
    sockets = os.environ.get("VHI_WARM", os.pathsep).split(os.pathsep)
    small, networks = Warm(shared=sockets[0]), Warm(NETWORKS, first=1, shared=sockets[1])
    plainly = PythonScript.execute_script

    def execute_script(self, fname, edit=False):
        trains = str(workflow.get_rule(self.rulename).conda_env).endswith("unet.yaml")
        alone = self.threads > 1 and not trains or self.container_img or self.conda_env or self.env_modules or edit
        python = None if alone else (networks if trains else small).python()
        if python:
            self._execute_cmd("{python} {fname:q}", python=python, fname=fname, is_python_script=True)
        else:
            plainly(self, fname, edit)

    PythonScript.execute_script = execute_script
