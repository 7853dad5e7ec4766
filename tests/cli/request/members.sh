# SPDX-License-Identifier: MIT
# Of a repeated member the last counts, and unknown members are ignored.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch face list <<<'{"collectionId":"nobody","page":"x","collectionId":"staff","page":1}'
facesearch face list <<<'{"color":{"deep":[1,null]},"collectionId":"staff","page":"1","\u0000":true}'
facesearch face list <<<'{"collectionId":"staff","page":1,"page":null}'; echo "exit $?"
