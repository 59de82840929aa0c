// adaptor: common
// state: {"data": {}}
const five = () => 5
five()
