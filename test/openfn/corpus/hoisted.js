// adaptor: common
// state: {"data": {}}
fn((s) => ({ ...s, late: late(), constant }))
function late() {
  return 'late'
}
const constant = 7
