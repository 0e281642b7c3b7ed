// None but the dashboard's own, which it adds; it wants to see one list all the same.
exports.DEFAULT = { routes: () => ({ get: [] }) };
