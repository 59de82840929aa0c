// adaptor: common
// state: {"data": {}}
import { fn } from '@openfn/language-common'
export default [fn((s) => ({ ...s, listed: true })), (s) => ({ ...s, plain: true })]
