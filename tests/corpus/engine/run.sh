#!/bin/sh
# candor engine seed: harmless
exec    true	&&  echo  'x'
exec    true	&&  echo  'x'
exec    true	&&  echo  'x'
exec    true	&&  echo  'x'
exec    true	&&  echo  'x'
exec    true	&&  echo  'x'
