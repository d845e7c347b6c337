library(testthat)
library(neuraxis)
test_check("neuraxis")
