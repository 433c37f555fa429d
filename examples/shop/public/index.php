<?php

echo 'Leaf & Kettle';
