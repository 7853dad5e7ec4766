# The example of a migration in docs/cli/collection.md.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
mkdir photos other
cp "$PEOPLE"/person0[123]-1.jpg photos
for photo in photos/*; do facesearch enroll --collection staff --name "$photo" --image "$photo" > /dev/null; done
# A pack to move to: the built-in one, but that its embedder also looks at the mirror image.
cp "$SOURCE"/models/mini/*.onnx other
jq '.name = "other" | .embedder.mirror = true' "$SOURCE/models/mini/manifest.json" > other/manifest.json
export FACESEARCH_MODELS=other
facesearch collection migrate staff --to other --photos photos | jq -c '[.collection.pack, .migrated, .missing, .unused]'
facesearch search --collection staff --name door --image "$PEOPLE/person02-3.jpg" | jq -c '[.result[].user_name]'
facesearch collection show staff | jq -c '.collection | [.pack, .kept.pack, .kept.faces]'
facesearch collection migrate staff --confirm | jq -c '.collection | [.pack, .kept]'
