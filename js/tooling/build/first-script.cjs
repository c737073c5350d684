// What the second classic script takes for the main entry: the first one's global, so that both
// have the same classes.
module.exports = ageRt;
