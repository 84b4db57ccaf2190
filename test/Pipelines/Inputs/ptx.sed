# The PTX inside a compiled module, as text.
/@seednorm_kernels_binary("/!d
s/.*@seednorm_kernels_binary("//
s/").*//
s/\\0A/\
/g
s/\\09/ /g
s/\\22/"/g
s/\\00//g
