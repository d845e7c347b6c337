# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the benches, with the built tree in $build. `own PROGRAM ARGUMENT...` runs a
# program of ours with the BLAS kernels that the command chooses: a release of OpenBLAS
# that does not know the processor takes slow ones, and the one that comes with a peer is
# often younger.
make -C "$build" --no-print-directory -s neuraxis
own_kernels=$("$build/neuraxis" version |
  sed -n 's/^ *BLAS *OpenBLAS [^ ]* \([A-Za-z0-9]*\),.*/\1/p')
own() {
  env ${own_kernels:+"OPENBLAS_CORETYPE=$own_kernels"} "$@"
}
