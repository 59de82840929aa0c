// adaptor: http
// state: {"data": {}}
parseXML('<a><b>1</b></a>', ($) => ({ text: $('b').text() }))
