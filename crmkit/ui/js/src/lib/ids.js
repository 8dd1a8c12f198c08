// Ids that no other widget of the page has. A counter would not do: every widget is a copy of
// its bundle with variables of its own.

export const freshId = (name) => `crm-${name}-${Math.random().toString(36).slice(2, 10)}`;
