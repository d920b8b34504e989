#!/usr/bin/python3
"""tuned_oracle.py FOLDER TREE: what tuned's own modules, unpacked in FOLDER and not
installed, make of each profile in TREE, as JSON. Nothing that a profile names is run:
functions are left as they stand."""
import json
import logging
import os
import sys

sys.dont_write_bytecode = True
folder = sys.argv[2]
sys.path.insert(0, sys.argv[1] + '/usr/lib/python3/dist-packages')

import tuned.profiles as profiles  # noqa: E402
from tuned.profiles.functions.functions import Functions  # noqa: E402
from tuned.profiles.variables import Variables  # noqa: E402
from tuned.utils.commands import commands  # noqa: E402
from tuned.utils.config_parser import ConfigParser  # noqa: E402

logging.disable(logging.CRITICAL)
Functions.expand = lambda self, text: text


class Locator(profiles.Locator):
    """Leaves out what is named by a function, and remembers what was read."""

    def get_config(self, profile_name, skip_files=None):
        if '$' in profile_name:
            self.left.append(profile_name)
            return ''
        path = super().get_config(profile_name, skip_files)
        if path:
            self.read.append(path)
        return path


def lines_of(path):
    """Each option of a file: section, key, value."""
    config = ConfigParser(delimiters=('='), inline_comment_prefixes=('#'), strict=False)
    config.optionxform = str
    with open(path) as f:
        config.read_file(f, path)
    return [[s, o, config.get(s, o, raw=True)] for s in config.sections()
            for o in config.options(s)]


def look_at(name):
    """The files of a profile and the sysctls it sets, whatever the machine is."""
    variables = Variables()
    locator = Locator([folder + '/usr/lib/tuned', folder + '/etc/tuned'])
    locator.left, locator.read = [], []
    loader = profiles.Loader(locator, profiles.Factory(), profiles.Merger(), None, variables)
    units = [u for u in loader.load(name).units.values()
             if u.enabled and u.cpuinfo_regex is None and u.uname_regex is None]
    units.sort(key=lambda u: int(u.options.get('priority', 0)))
    sets = {}
    for unit in units:
        unit.options.pop('priority', None)
        if unit.type == 'sysctl':
            for key, value in unit.options.items():
                sets[key.replace('/', '.')] = variables.expand(commands().unquote(value))
    return {'files': {path[len(folder):]: lines_of(path) for path in locator.read},
            'left': locator.left, 'sets': sets}


names = sorted(n for n in os.listdir(folder + '/usr/lib/tuned')
               if os.path.isfile(folder + '/usr/lib/tuned/' + n + '/tuned.conf'))
json.dump({n: look_at(n) for n in names}, sys.stdout, indent=1)
