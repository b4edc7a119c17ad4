"""Documents built without a template: registers, ledgers, template drafts."""
