"""The ledger of one unit (工作任务台账): what it answers for, by when, how far it has got, and what it still owes.

`reading` asks the marts of a build, `entries` makes the lines of the ledger of the answers, `model` is what they make.
"""
