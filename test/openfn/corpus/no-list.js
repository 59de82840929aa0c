// adaptor: common
// state: {"data": {}}
export default 5
